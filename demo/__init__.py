"""The demo: everything outside marsad that marsad needs to be seen at work, on loopback, without a network.

`newsroom` tells which invented news is out at a moment, `formats` and `site` write it down as five houses
would, `mailbox` and `receiver` take what marsad sends, `pages` shows what they took. `stage` sets it all up.
"""
