"""KER1: layers and weights that another, smaller graph says as well."""
