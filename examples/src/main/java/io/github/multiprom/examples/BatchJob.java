package io.github.multiprom.examples;

import io.github.multiprom.metrics.Counter;

/**
 * A job that counts and ends: no push gateway, no hook. Run many times with the same {@code
 * -Dmultiprom.dir}; {@code examples/batch-loop.sh} does.
 */
public final class BatchJob {
  private static final Counter RUNS =
      Counter.build().name("batch_runs_total").help("Runs of the batch job.").register();

  private static final Counter ITEMS =
      Counter.build().name("batch_items_total").help("Items that the batch job did.").register();

  private BatchJob() {}

  /**
   * Does its items and ends.
   *
   * @param args how many items
   */
  public static void main(String[] args) {
    for (int item = 0; item < Integer.parseInt(args[0]); item++) {
      ITEMS.inc();
    }
    RUNS.inc();
  }
}
