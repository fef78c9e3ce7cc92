"""The reader of forms: any layout of the form to one ``Form``."""
