package stock

// AddUp is what a new count asks under the lock of its level, and whatever is dated anew.
const AddUp = addUp
