"""What a pool is: its price, audience, mixing and quality settings; nothing that moves."""
