"""The scripts that make the bundled worlds; development only, not part of the package."""
