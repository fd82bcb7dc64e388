"""Groups anywhere whose public jobs people here follow."""
