package stock

// FoldCounts is what a count, and whatever arrives late before one, asks under the locks of its levels.
const FoldCounts = foldCounts
