"""SAP Sales Cloud: the CRM end for SAP's tenants.

Two products carry the name. Generation 1 (SAP Cloud for Customer, OData v2) is what is spoken here: its protocol is in
odata.py, batch.py, metadata.py, errors.py and client.py, and nowhere else. Planning (people.py, orders.py, ...) knows
records with a key, a version, a change cursor, partial updates and an envelope, all by way of steps.py and lookup.py.
Generation 2 (REST and JSON on other hosts) joins as a second client beside client.py that answers the same reads and
changes, with property names of its own in names.py.
"""
