"""The RQ side: thin jobs, the worker process, the clock."""
