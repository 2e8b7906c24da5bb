"""The command line: `potash report | timeline | prices | doctor`."""
