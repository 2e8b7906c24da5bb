"""A report leaves the browser: as a workbook, as PDF, as Markdown for a mail, as LaTeX tables."""
