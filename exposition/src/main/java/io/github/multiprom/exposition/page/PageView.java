package io.github.multiprom.exposition.page;

import java.util.Locale;

/**
 * How the page is to be shown. Immutable.
 *
 * @param workers by what the workers are sorted
 * @param families by what the families are sorted
 * @param refreshSeconds how often a browser asks for it again; 0 for never
 */
public record PageView(WorkerOrder workers, FamilyOrder families, int refreshSeconds) {
  private static final int MAX_REFRESH_SECONDS = 3600;

  /**
   * The view that parameters of a request ask for.
   *
   * @param sort a column of the workers; null for the usual order
   * @param families a column of the families; null for the usual order
   * @param refresh seconds, 1 to 3600; null for never
   * @throws IllegalArgumentException if one of them is something else
   */
  public static PageView of(String sort, String families, String refresh) {
    int seconds = 0;
    if (refresh != null) {
      // NumberFormatException is one.
      seconds = Integer.parseInt(refresh);
      if (seconds < 1 || seconds > MAX_REFRESH_SECONDS) {
        throw new IllegalArgumentException("refresh must be 1 to 3600");
      }
    }
    return new PageView(
        sort == null ? WorkerOrder.STATE : WorkerOrder.valueOf(sort.toUpperCase(Locale.ROOT)),
        families == null
            ? FamilyOrder.SERIES
            : FamilyOrder.valueOf(families.toUpperCase(Locale.ROOT)),
        seconds);
  }

  PageView by(WorkerOrder order) {
    return new PageView(order, families, refreshSeconds);
  }

  PageView by(FamilyOrder order) {
    return new PageView(workers, order, refreshSeconds);
  }

  PageView every(int seconds) {
    return new PageView(workers, families, seconds);
  }

  /** The link to the page that is shown so. */
  String link() {
    StringBuilder link = new StringBuilder();
    if (workers != WorkerOrder.STATE) {
      link.append("&sort=").append(workers.parameter());
    }
    if (families != FamilyOrder.SERIES) {
      link.append("&families=").append(families.parameter());
    }
    if (refreshSeconds != 0) {
      link.append("&refresh=").append(refreshSeconds);
    }
    return link.isEmpty() ? "/" : "/?" + link.substring(1);
  }
}
