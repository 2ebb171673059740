"""BigCommerce: the store itself, where every record comes from."""
