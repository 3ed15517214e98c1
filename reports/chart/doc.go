// Package chart turns a [layout.Chart] into rectangles, lines and texts, which every format that draws (a page, a PDF) draws
// alike. Positions are in points of 1/72 inch, y grows downwards. Ticks and proportions are computed from the decimals; only
// the positions that follow from them are floats.
package chart
