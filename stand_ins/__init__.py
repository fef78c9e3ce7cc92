"""Stand-ins for the portal, the e-document system and a mailbox, over real HTTP and SMTP on loopback."""
