package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What something is, in words: a version, a revision, a configuration. Thread-safe.
 *
 * <pre>{@code
 * static final Info BUILD = Info.build().name("app_build").help("Build information.").register();
 * BUILD.info("version", "1.2.3", "revision", "e0704b");
 * }</pre>
 *
 * <pre>{@code
 * static final Info POOL = Info.build()
 *     .name("pool").help("Configuration of a pool.").labelNames("pool").register();
 * POOL.labels("mail").info("size", "8");
 * }</pre>
 *
 * <p>A sample has the name with {@code _info}, the words as labels, and the value 1. Collectors
 * show each info of the live workers once: one sample where all workers say the same, and two while
 * a new version is rolled out.
 */
public final class Info extends MetricFamily {
  private static final String SUFFIX = "_info";

  // Of the families of the worker file by their label names: those of this one, and the words.
  // Guarded by the publisher.
  private final Map<List<String>, Integer> indexes = new HashMap<>();

  private Info(FamilyHome home, FamilyDescriptor descriptor) {
    super(home, descriptor);
  }

  /** A builder. */
  public static Builder build() {
    return new Builder();
  }

  /** A builder with a name and a help text. */
  public static Builder build(String name, String help) {
    return new Builder().name(name).help(help);
  }

  /** Builds infos. One thread. */
  public static final class Builder extends FamilyBuilder<Builder, Info> {
    /** A builder. */
    public Builder() {}

    @Override
    Builder self() {
      return this;
    }

    @Override
    Info make(FamilyHome home, FamilyDescriptor descriptor) {
      return new Info(home, descriptor);
    }

    @Override
    FamilyDescriptor descriptor() {
      checkNoUnit();
      return descriptor(MetricType.INFO, GaugeFold.MAX, true, List.of());
    }

    @Override
    Class<Info> familyClass() {
      return Info.class;
    }
  }

  /* In a worker file the words are labels of a series as any other. A series' labels do not change,
   * so other words are another series; the one before is removed right after it was published. */
  /** The info of one label set. Thread-safe. */
  public static final class Child extends GaugeSeries {
    private volatile Map<String, String> words = Map.of();
    // Null until it joined another.
    private volatile Supplier<Series> joined;

    private Child(Info family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos);
    }

    /**
     * Sets the info.
     *
     * @param words values by label names; null for an empty value
     * @throws IllegalArgumentException if a name breaks the naming rules, or is a label name of the
     *     family
     */
    public void info(Map<String, String> words) {
      Map<String, String> checked = new LinkedHashMap<>();
      words.forEach(
          (name, value) -> {
            FamilyDescriptor.checkLabelName(name);
            checked.put(name, value == null ? "" : value);
          });
      for (String labelName : family.descriptor.labelNames()) {
        if (checked.containsKey(labelName)) {
          throw new IllegalArgumentException("Info and its value cannot have the same label name.");
        }
      }
      set(Collections.unmodifiableMap(checked));
    }

    private void set(Map<String, String> checked) {
      Supplier<Series> other = joined;
      if (other != null) {
        ((Child) other.get()).set(checked);
      }
      if (!checked.equals(words)) {
        words = checked;
        family.home().publishAnew(this);
      }
    }

    /**
     * Sets the info.
     *
     * @param words label names, each followed by its value
     * @throws IllegalArgumentException if their number is odd, or as {@link #info(Map)}
     */
    public void info(String... words) {
      if (words.length % 2 != 0) {
        throw new IllegalArgumentException("An even number of arguments must be passed");
      }
      Map<String, String> sorted = new TreeMap<>();
      for (int i = 0; i < words.length; i += 2) {
        sorted.put(words[i], words[i + 1]);
      }
      info(sorted);
    }

    /** This worker's own info; empty if it was never set. */
    public Map<String, String> get() {
      return words;
    }

    @Override
    double[] initialValue() {
      return new double[] {1, (double) ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())};
    }

    @Override
    void startInMemory() {
      double[] value = initialValue();
      cell = new MovingGauge(value[0], value[1]);
    }

    @Override
    void startAlone() {
      startInMemory();
    }

    @Override
    void join(Supplier<Series> leader) {
      super.join(leader);
      joined = leader;
      if (!words.isEmpty()) {
        ((Child) leader.get()).set(words);
      }
    }

    @Override
    Labels published() {
      Map<String, String> all = words;
      List<String> names = new ArrayList<>(family.descriptor.labelNames());
      names.addAll(all.keySet());
      List<String> values = new ArrayList<>(labelValues());
      values.addAll(all.values());
      return new Labels(List.copyOf(names), List.copyOf(values));
    }

    @Override
    void addSamples(List<Sample> samples) {
      Labels all = published();
      samples.add(new Sample(family.descriptor.name() + SUFFIX, all.names(), all.values(), 1));
    }
  }

  @Override
  int indexOf(List<String> labelNames) {
    return labelNames.equals(descriptor.labelNames())
        ? super.indexOf(labelNames)
        : indexes.getOrDefault(labelNames, UNPUBLISHED);
  }

  @Override
  void noteIndex(List<String> labelNames, int published) {
    if (labelNames.equals(descriptor.labelNames())) {
      super.noteIndex(labelNames, published);
    } else {
      indexes.put(labelNames, published);
    }
  }

  @Override
  void forgetIndexes() {
    super.forgetIndexes();
    indexes.clear();
  }

  @Override
  Series newChild(String[] labelValues, long createdNanos) {
    return new Child(this, labelValues, createdNanos);
  }

  /**
   * The child with these label values, made if need be.
   *
   * @param labelValues one value per label name
   * @throws IllegalArgumentException if their number is wrong or one is null
   */
  public Child labels(String... labelValues) {
    return (Child) series(labelValues);
  }

  /**
   * Gives the family a child that no family has, in the place of one with these label values.
   *
   * @param labelValues one value per label name
   * @return this family
   * @throws IllegalArgumentException if their number is wrong or one is null, or if another family
   *     has the child
   */
  @SuppressWarnings("TypeParameterUnusedInFormals") // The signature is simpleclient's.
  public <T extends Collector> T setChild(Child child, String... labelValues) {
    return set(child, labelValues);
  }

  private Child noLabelsChild() {
    return (Child) noLabels;
  }

  /** As {@link Child#info(String...)}, for the info without labels. */
  public void info(String... words) {
    noLabelsChild().info(words);
  }

  /** As {@link Child#info(Map)}, for the info without labels. */
  public void info(Map<String, String> words) {
    noLabelsChild().info(words);
  }

  /** This worker's own info, of the one without labels; empty if it was never set. */
  public Map<String, String> get() {
    return noLabelsChild().get();
  }
}
