package io.github.multiprom.exposition.format;

import io.github.multiprom.model.FamilyDescriptor;
import io.prometheus.client.Collector;
import java.util.List;

/** The quantiles of a summary's definition. */
final class Quantiles {
  private Quantiles() {}

  /** Their label values; empty for families without quantiles. */
  static List<String> labels(FamilyDescriptor family) {
    return family.window() == null
        ? List.of()
        : family.window().quantiles().stream()
            .map(each -> Collector.doubleToGoString(each.quantile()))
            .toList();
  }
}
