"""What the end-to-end tests stand on: the programs under test, a client, AWS stand-ins, load.

Nothing here knows the inside of the product: it is driven by its HTTP API, its environment and signals.
"""
