"""What is shown becomes HTML: tables, figures, pages."""
