"""One module for each group of commands; `api.cli` gathers them."""
