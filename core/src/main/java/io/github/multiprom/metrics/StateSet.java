package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.StateBits;

/**
 * Which of several states something is in, none or many at a time. Thread-safe. {@link Enumeration}
 * is for what is in exactly one.
 *
 * <pre>{@code
 * static final StateSet FEATURES = StateSet.build()
 *     .name("features").help("What is switched on.").states("search", "mail").register();
 * FEATURES.set("search", true);
 * }</pre>
 *
 * <p>Each state is a sample, 1 if it is true and 0 otherwise. All states of a label set change with
 * one store, so a process that is killed leaves those before or after a change. The {@link
 * GaugeMode} says what collectors show of several workers.
 */
public final class StateSet extends MetricFamily {
  private StateSet(FamilyHome home, FamilyDescriptor descriptor) {
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

  /** Builds state sets. All states of a child are false until they are set. One thread. */
  public static final class Builder extends StatesBuilder<Builder, StateSet> {
    /** A builder. */
    public Builder() {}

    /**
     * Sets the states. Required.
     *
     * @throws IllegalArgumentException if there is none, or if there are more than 52
     */
    @Override
    public Builder states(String... states) {
      if (states.length > StateBits.MAX_STATES) {
        throw new IllegalArgumentException(
            "There must be at most " + StateBits.MAX_STATES + " states, not " + states.length);
      }
      return super.states(states);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    StateSet make(FamilyHome home, FamilyDescriptor descriptor) {
      return new StateSet(home, descriptor);
    }

    @Override
    Class<StateSet> familyClass() {
      return StateSet.class;
    }
  }

  /** The states of one label set. Thread-safe. */
  public static final class Child extends StatesSeries {
    private Child(StateSet family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos);
    }

    /**
     * Sets whether a state is true.
     *
     * @throws IllegalArgumentException if there is no such state
     */
    public synchronized void set(String state, boolean isTrue) {
      cell.set(StateBits.with(cell.get(), index(state), isTrue));
    }

    /** Whether a state is true in this worker; false for one that does not exist. */
    public boolean get(String state) {
      int index = states.indexOf(state);
      return index >= 0 && StateBits.contains(cell.get(), index);
    }

    @Override
    double[] initialValue() {
      return new double[] {StateBits.NONE, 0};
    }

    @Override
    void startInMemory() {
      cell = new MovingGauge(StateBits.NONE, 0);
    }

    @Override
    void startAlone() {
      super.startAlone();
      cell.restore(StateBits.NONE, 0);
    }
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
   * Sets whether a state of the set without labels is true.
   *
   * @throws IllegalArgumentException if there is no such state
   */
  public void set(String state, boolean isTrue) {
    noLabelsChild().set(state, isTrue);
  }

  /** Whether a state of the set without labels is true in this worker. */
  public boolean get(String state) {
    return noLabelsChild().get(state);
  }

  private Child noLabelsChild() {
    return (Child) noLabels;
  }
}
