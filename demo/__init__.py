"""The demo: an invented newsroom, a mail box and a webhook receiver, all on loopback."""
