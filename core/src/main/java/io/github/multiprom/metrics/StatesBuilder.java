package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What the builders of the types with states share. One thread.
 *
 * @param <B> the builder
 * @param <F> what it builds
 */
abstract class StatesBuilder<B extends StatesBuilder<B, F>, F extends MetricFamily>
    extends FamilyBuilder<B, F> {
  private List<String> states;
  // Null for that of the worker.
  private GaugeMode mode;

  /**
   * Sets the states. Required.
   *
   * @throws IllegalArgumentException if there is none
   */
  public B states(String... states) {
    if (states.length == 0) {
      throw new IllegalArgumentException("There must be at least one state");
    }
    this.states = List.copyOf(new LinkedHashSet<>(List.of(states)));
    return self();
  }

  /** Sets the states to the names of an enum's constants. */
  public B states(Class<?> enumClass) {
    Object[] constants = enumClass.getEnumConstants();
    String[] names = new String[constants.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = ((Enum<?>) constants[i]).name();
    }
    return states(names);
  }

  /**
   * Sets how the states of several workers are shown. Optional; otherwise {@code
   * multiprom.gaugeModes} and {@code multiprom.gaugeMode} say it, and without them it is {@link
   * GaugeMode#LIVEALL}. A state's sample is 1 with {@link GaugeMode#LIVEMAX} if any worker is in
   * it, and with {@link GaugeMode#LIVEMIN} if all are.
   *
   * @throws IllegalArgumentException for {@code SUM} and {@code LIVESUM}, which would show no 0 or
   *     1, and for {@code MIN} and {@code MAX}, with which each state that a worker ended in would
   *     count forever
   */
  public B mode(GaugeMode mode) {
    if (mode != forStates(mode)) {
      throw new IllegalArgumentException(
          typeName() + " cannot have the mode " + mode + "; use " + forStates(mode));
    }
    this.mode = mode;
    return self();
  }

  /** The mode that stands for one that a setting gives to gauges. */
  private static GaugeMode forStates(GaugeMode mode) {
    return switch (mode) {
      case SUM, LIVESUM, MAX -> GaugeMode.LIVEMAX;
      case MIN -> GaugeMode.LIVEMIN;
      default -> mode;
    };
  }

  @Override
  FamilyDescriptor descriptor() {
    if (states == null) {
      throw new IllegalStateException(typeName() + " states must be specified.");
    }
    checkNoUnit();
    FamilyDescriptor named = descriptor(MetricType.GAUGE, GaugeFold.ALL, true, List.of());
    if (named.labelNames().contains(named.name())) {
      throw new IllegalStateException(
          typeName() + " cannot have a label named the same as its metric name.");
    }
    GaugeMode its = mode != null ? mode : forStates(owner().gaugeModes().of(named.name()));
    return named.withStates(states).withMode(its.fold(), its.liveOnly());
  }
}
