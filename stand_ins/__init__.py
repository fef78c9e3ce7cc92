"""Stand-ins for the portal, the e-document system and a mail server, over real HTTP and SMTP."""
