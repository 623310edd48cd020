package io.github.multiprom.examples;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Histogram;
import java.util.List;

/**
 * What the shop answers to a path. Immutable.
 *
 * <p>Label values come from here and never from a request: the number of series is bounded whatever
 * clients ask for. The children are made when the class is loaded, so that they are shown as 0 from
 * the start and a request needs no look-up of labels.
 */
final class ShopPage {
  private static final ShopPage OTHER = new ShopPage("other", 404, 0);

  static final List<ShopPage> ALL =
      List.of(
          new ShopPage("/", 200, 0),
          new ShopPage("/basket", 200, 0),
          new ShopPage("/search", 200, 10),
          OTHER);

  final String path;
  final int status;

  /** How long an answer takes, for something to see in the histogram. */
  final long workMs;

  final Counter.Child requests;
  final Histogram.Child duration;

  private ShopPage(String path, int status, long workMs) {
    this.path = path;
    this.status = status;
    this.workMs = workMs;
    this.requests = ShopMetrics.REQUESTS.labels(path, Integer.toString(status));
    this.duration = ShopMetrics.DURATION.labels(path);
  }

  /** The page for a path; one for all paths that do not exist. */
  static ShopPage of(String path) {
    return ALL.stream().filter(page -> page.path.equals(path)).findFirst().orElse(OTHER);
  }
}
