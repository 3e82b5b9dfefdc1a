"""What every worker needs: runs under an interpreter of the user's and imports nothing of kerlint."""
