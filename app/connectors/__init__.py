"""One folder a vendor, all of the same shape, behind the protocol in base.py."""
