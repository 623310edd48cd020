package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.QuantileWindow;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What the metric types share: a name, a shape and children. Thread-safe.
 *
 * <p>Applications name it only where they treat families of several types alike.
 *
 * <p>Without a directory it is a collector as simpleclient's are. With one it is a stub: it
 * describes itself, so that a registry sees duplicates, and leaves the samples to the collector of
 * the directory, which shows those of all workers.
 */
public abstract class MetricFamily extends Collector implements Collector.Describable {
  static final int UNPUBLISHED = -1;

  final FamilyDescriptor descriptor;

  /** Shared with another family once both have joined. */
  volatile Children children = new Children();

  private volatile FamilyHome home;
  private final int labelCount;
  private final Set<String> sampleNames;

  /** The child without labels; null if the family has labels, or makes it {@link #onDemand}. */
  volatile Series noLabels;

  // Guarded by the publisher.

  /** Whether only registries of the application's own were given it. */
  volatile boolean ownRegistries = true;

  /** Whether its numbers come from a source. */
  volatile boolean sampled;

  /** Whether it has no child without labels until that is asked for. */
  volatile boolean onDemand;

  /** Index in the current worker file. */
  private int index = UNPUBLISHED;

  /** Takes the series of label sets beyond the limit. */
  volatile Series overflow;

  /** Whether a new label set would be one too many. */
  volatile boolean full;

  MetricFamily(FamilyHome home, FamilyDescriptor descriptor) {
    this.home = home;
    this.descriptor = descriptor;
    this.labelCount = descriptor.labelNames().size();
    this.sampleNames = Set.of(describe().get(0).getNames());
  }

  /** The index in the current worker file of the family with these label names. */
  int indexOf(List<String> labelNames) {
    return index;
  }

  /** Notes an index in the current worker file. */
  void noteIndex(List<String> labelNames, int published) {
    index = published;
  }

  /** Notes that the current worker file is another one. */
  void forgetIndexes() {
    index = UNPUBLISHED;
  }

  abstract Series newChild(String[] labelValues, long createdNanos);

  final FamilyHome home() {
    return home;
  }

  /** Goes on in another home, which has taken over the children. */
  final void moveTo(FamilyHome other) {
    home = other;
  }

  final Series series(String first) {
    if (labelCount != 1) {
      throw wrongLabelCount();
    }
    if (first == null) {
      throw nullLabel();
    }
    Series child = children.find(first);
    return child != null ? child : home.child(this, new String[] {first});
  }

  final Series series(String first, String second) {
    if (labelCount != 2) {
      throw wrongLabelCount();
    }
    if (first == null || second == null) {
      throw nullLabel();
    }
    Series child = children.find(first, second);
    return child != null ? child : home.child(this, new String[] {first, second});
  }

  final Series series(String[] labelValues) {
    if (labelValues.length != labelCount) {
      throw wrongLabelCount();
    }
    for (String value : labelValues) {
      if (value == null) {
        throw nullLabel();
      }
    }
    Series child = children.find(labelValues);
    return child != null ? child : home.child(this, labelValues.clone());
  }

  /**
   * Makes a child that is of no family one of this family, in the place of another one with its
   * label values.
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // As simpleclient.
  final <T extends Collector> T set(Series child, String[] labelValues) {
    if (labelValues.length != labelCount) {
      throw wrongLabelCount();
    }
    for (String value : labelValues) {
      if (value == null) {
        throw nullLabel();
      }
    }
    if (child.family != null && children.find(labelValues) != child) {
      throw new IllegalArgumentException(
          "The child is one of family " + child.family.descriptor.name());
    }
    if (child.family == null) {
      home.setChild(this, child, labelValues.clone());
    }
    return (T) this;
  }

  private static IllegalArgumentException wrongLabelCount() {
    return new IllegalArgumentException("Incorrect number of labels.");
  }

  private static IllegalArgumentException nullLabel() {
    return new IllegalArgumentException("Label cannot be null.");
  }

  /**
   * Removes the child with these label values, if there is one; without labels it starts again from
   * 0. A thread that still holds the child counts on, but no scrape shows it.
   *
   * <p>A merged series disappears when every live worker that has it removed it.
   *
   * @param labelValues one value per label name
   */
  public void remove(String... labelValues) {
    for (String value : labelValues) {
      if (value == null) {
        return;
      }
    }
    home.remove(this, labelValues);
  }

  /** Removes the children of whose label values the predicate is true, as {@link #remove} does. */
  public void removeIf(java.util.function.Predicate<List<String>> predicate) {
    for (Series child : children.all()) {
      List<String> labelValues = child.labelValues();
      if (predicate.test(labelValues)) {
        home.remove(this, labelValues.toArray(new String[0]));
      }
    }
  }

  /** Removes all children; without labels there is one again, which starts from 0. */
  public void clear() {
    home.clear(this);
  }

  /** The family without samples. */
  @Override
  public List<MetricFamilySamples> describe() {
    return List.of(
        new MetricFamilySamples(
            descriptor.name(), descriptor.unit(), type(), descriptor.help(), List.of()));
  }

  /** The samples of these children alone. */
  final MetricFamilySamples samplesOf(List<Series> children) {
    List<MetricFamilySamples.Sample> samples = new ArrayList<>();
    for (Series child : children) {
      child.addSamples(samples);
    }
    return new MetricFamilySamples(
        descriptor.name(), descriptor.unit(), type(), descriptor.help(), samples);
  }

  /** The samples of this family; with a directory the merged ones of all workers. */
  @Override
  public List<MetricFamilySamples> collect() {
    return home.collect(this);
  }

  /**
   * What registries ask for: as {@link #collect()}, but nothing where a registry has the collector
   * of the directory, which shows this family.
   */
  @Override
  public List<MetricFamilySamples> collect(Predicate<String> sampleNameFilter) {
    if (HeldFamilies.isAsking(this) || home.isShownBesides(this)) {
      return List.of();
    }
    return super.collect(sampleNameFilter);
  }

  /** The names of all samples that it may have. */
  final Set<String> sampleNames() {
    return sampleNames;
  }

  /**
   * Registers this family, and the collector of its worker's directory, if there is one, with a
   * registry.
   *
   * @throws IllegalArgumentException if the name is in use, or the registry shows another directory
   */
  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // The signature is simpleclient's.
  public <T extends Collector> T register(CollectorRegistry registry) {
    FamilyHome current = home;
    current.admit(registry);
    T self = super.register(registry);
    current.showOn(this, registry);
    return self;
  }

  /** Whether a NaN or an infinite number, which is noted, is left out of sums. */
  final boolean leavesOut(double number) {
    return home.leavesOut(this, number);
  }

  private Type type() {
    return switch (descriptor.type()) {
      case COUNTER -> Type.COUNTER;
      case GAUGE -> Type.GAUGE;
      case HISTOGRAM -> Type.HISTOGRAM;
      case SUMMARY -> Type.SUMMARY;
      case INFO -> Type.INFO;
      case STATESET -> Type.STATE_SET;
    };
  }

  /** Whether it can share its series with another family of its name. */
  final boolean hasShape(FamilyDescriptor other) {
    return hasLists(other)
        && descriptor.type() == other.type()
        && descriptor.fold() == other.fold()
        && descriptor.liveOnly() == other.liveOnly()
        && descriptor.states().equals(other.states())
        && Objects.equals(descriptor.nativeShape(), other.nativeShape())
        && Objects.equals(cellsOfWindow(descriptor), cellsOfWindow(other))
        && descriptor.unit().equals(other.unit());
  }

  /** Any quantile can be computed from cells that are kept in the same steps. */
  private static QuantileWindow cellsOfWindow(FamilyDescriptor family) {
    return family.window() == null ? null : family.window().withoutQuantiles();
  }

  /** Whether it has these label names and bounds. */
  final boolean hasLists(FamilyDescriptor other) {
    return descriptor.labelNames().equals(other.labelNames())
        && descriptor.upperBounds().equals(other.upperBounds());
  }

  /**
   * Makes sure that both can be families of one name that differ in label names and bounds alone.
   *
   * @throws IllegalArgumentException if they cannot
   */
  final void checkSameKind(FamilyDescriptor other) {
    checkSameShape(
        other.type() == descriptor.type()
            ? other.withLists(descriptor.labelNames(), descriptor.upperBounds())
            : other);
  }

  /**
   * Makes sure that both can share their series.
   *
   * @throws IllegalArgumentException if they cannot
   */
  final void checkSameShape(FamilyDescriptor other) {
    if (!hasShape(other)) {
      throw new IllegalArgumentException(otherShape(other));
    }
  }

  /** Says that another family has another shape. */
  final String otherShape(FamilyDescriptor other) {
    return "This worker already has a family "
        + descriptor.name()
        + " of another shape: "
        + shape(descriptor)
        + ", not "
        + shape(other);
  }

  private static String shape(FamilyDescriptor family) {
    StringBuilder shape = new StringBuilder(family.type().toString());
    if (family.type().isSet()) {
      shape.append(family.liveOnly() ? " LIVE" : " ").append(family.fold());
    }
    shape.append(" labels ").append(family.labelNames());
    if (!family.unit().isEmpty()) {
      shape.append(" unit ").append(family.unit());
    }
    if (family.type() == MetricType.STATESET) {
      shape.append(" states ").append(family.states());
    }
    if (family.type() == MetricType.HISTOGRAM) {
      shape.append(" buckets ").append(family.upperBounds());
    }
    if (family.window() != null) {
      shape.append(" quantiles ").append(family.window());
    } else if (family.nativeShape() != null) {
      shape.append(" native schema ").append(family.nativeShape().schema());
      shape.append(" at most ").append(family.nativeShape().maxBuckets());
    }
    return shape.toString();
  }
}
