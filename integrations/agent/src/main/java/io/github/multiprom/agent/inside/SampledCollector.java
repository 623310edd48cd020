package io.github.multiprom.agent.inside;

import io.prometheus.client.Collector;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A collector of the application, of whatever version of simpleclient, as one of this agent's.
 * Keeps neither the collector nor its class loader.
 */
final class SampledCollector extends Collector {
  /** More than any application has; so that names made by mistake do not fill the heap. */
  private static final int MAX_NAMES = 100_000;

  private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

  private final WeakReference<Object> collector;
  private final WeakReference<Adapter> adapter;

  SampledCollector(Object collector, Adapter adapter) {
    this.collector = new WeakReference<>(collector);
    this.adapter = new WeakReference<>(adapter);
  }

  /** Whether the application gave a family of this name. */
  static boolean isOfApplication(String name) {
    return NAMES.contains(name);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Object asked = collector.get();
    Adapter hands = adapter.get();
    if (asked == null || hands == null) {
      return List.of();
    }
    List<MetricFamilySamples> families = new ArrayList<>();
    for (Object[] each : hands.collect(asked)) {
      MetricFamilySamples family = Rows.family(each);
      if (NAMES.size() < MAX_NAMES) {
        NAMES.add(family.name);
      }
      families.add(family);
    }
    return families;
  }
}
