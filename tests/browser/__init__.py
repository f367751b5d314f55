"""People at work in a real browser; a package, so that its browser and server live as long as its tests."""
