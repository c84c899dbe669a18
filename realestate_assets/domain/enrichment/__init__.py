"""What is made of the answers of providers: owners, addresses, fields and who is believed."""
