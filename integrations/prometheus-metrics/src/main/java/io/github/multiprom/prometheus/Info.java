package io.github.multiprom.prometheus;

import io.prometheus.metrics.config.PrometheusProperties;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An info as that of prometheus-metrics, in a worker's file. Equal infos of the live workers are
 * shown once. Thread-safe.
 *
 * <pre>{@code
 * Info build = Info.builder().name("app_build").labelNames("version").register(registry);
 * build.setLabelValues("1.2.3");
 * }</pre>
 */
public final class Info extends WorkerCollector {
  // Guarded by this; empty without a directory.
  private final Set<List<String>> shown = new LinkedHashSet<>();

  private Info(
      Builder builder,
      io.prometheus.metrics.core.metrics.Info original,
      io.github.multiprom.metrics.Info family) {
    super(builder, original, family);
    if (family != null && labelCount() == 0) {
      family.labels(allValues(new String[0]));
    }
  }

  /** A builder with the client's properties. */
  public static Builder builder() {
    return builder(PrometheusProperties.get());
  }

  /** A builder with properties of one's own. */
  public static Builder builder(PrometheusProperties properties) {
    return new Builder(properties);
  }

  /** Builds infos. One thread. */
  public static final class Builder extends MetricBuilder<Builder, Info> {
    private final io.prometheus.metrics.core.metrics.Info.Builder original;

    private Builder(PrometheusProperties properties) {
      super(properties);
      original = io.prometheus.metrics.core.metrics.Info.builder(properties);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Makes the info without registering it.
     *
     * @throws UnsupportedOperationException if it has a unit
     */
    @Override
    public Info build() {
      describe(original);
      var checked = original.build();
      if (!hasDirectory()) {
        return new Info(this, checked, null);
      }
      var family =
          io.github.multiprom.metrics.Info.build(checked.getPrometheusName(), helpText())
              .labelNames(allLabelNames())
              .worker(worker());
      return new Info(this, checked, family.create());
    }
  }

  private io.prometheus.metrics.core.metrics.Info theirs() {
    return (io.prometheus.metrics.core.metrics.Info) original;
  }

  private io.github.multiprom.metrics.Info ours() {
    return (io.github.multiprom.metrics.Info) family;
  }

  /**
   * Shows these label values in the place of all others.
   *
   * @throws IllegalArgumentException if their number is wrong or one is null
   */
  public synchronized void setLabelValues(String... labelValues) {
    if (isInFile()) {
      addLabelValues(labelValues);
      List<List<String>> others = new ArrayList<>(shown);
      others.remove(List.of(labelValues));
      others.forEach(other -> remove(other.toArray(new String[0])));
    } else {
      theirs().setLabelValues(labelValues);
    }
  }

  /**
   * Shows these label values besides those that there are.
   *
   * @throws IllegalArgumentException if their number is wrong or one is null
   */
  public synchronized void addLabelValues(String... labelValues) {
    if (isInFile()) {
      checkCount(labelValues);
      ours().labels(allValues(labelValues));
      shown.add(List.of(labelValues));
    } else {
      theirs().addLabelValues(labelValues);
    }
  }

  /**
   * Shows these label values no longer. An info without label names stays.
   *
   * @throws IllegalArgumentException if their number is wrong
   */
  public synchronized void remove(String... labelValues) {
    if (isInFile()) {
      checkCount(labelValues);
      if (labelCount() > 0 && shown.remove(List.of(labelValues))) {
        family.remove(allValues(labelValues));
      }
    } else {
      theirs().remove(labelValues);
    }
  }
}
