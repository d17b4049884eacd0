"""The district: grid cells, areas, catalogues, coded parts and places."""
