"""The published figures as SDMX 3.0: structure, SDMX-CSV 2.0 and SDMX-JSON 2.0."""
