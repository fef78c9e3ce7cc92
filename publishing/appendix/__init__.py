"""The province's Phụ lục 2 as a workbook, a Word document and a PDF."""
