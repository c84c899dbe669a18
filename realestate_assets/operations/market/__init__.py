"""Questions about the market as a tenant may ask them: over the views of schema `served`, values bound."""
