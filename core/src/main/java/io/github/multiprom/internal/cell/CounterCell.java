package io.github.multiprom.internal.cell;

/** The sum behind one counter child. Thread-safe; never blocks, never throws, allocates nothing. */
public interface CounterCell {
  /** Adds an amount; the next scrape that begins after the return contains it. */
  void add(double amount);

  /** This worker's own sum. */
  double get();
}
