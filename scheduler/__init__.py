"""When things happen: APScheduler as the local ticker, and the drain at the end. Nothing else."""
