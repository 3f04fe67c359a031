"""The documents: pages of the reference written from the code, and the site built of all pages."""
