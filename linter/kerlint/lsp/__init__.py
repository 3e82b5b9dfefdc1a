"""The language server: what editors speak. Nothing outside knows LSP."""
