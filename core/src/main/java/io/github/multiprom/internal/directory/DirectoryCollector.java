package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.os.ExhaustedException;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Predicate;
import java.util.List;

/** Merges a directory for registries that show different parts of it. Thread-safe. */
@FunctionalInterface
public interface DirectoryCollector {
  /**
   * The merged samples.
   *
   * @param view which families are wanted; the others are not merged
   * @param sampleNameFilter which samples are wanted; null for all
   * @throws ExhaustedException if this process lacks what it takes to merge them
   */
  List<MetricFamilySamples> collect(RegistryView view, Predicate<String> sampleNameFilter);
}
