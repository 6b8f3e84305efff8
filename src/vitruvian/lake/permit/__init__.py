"""What the door knows of who may see whom: grants as stored, accounts as tied, glass as broken."""
