package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.prometheus.client.Collector;

/**
 * Which one of several states something is in. Thread-safe.
 *
 * <pre>{@code
 * static final Enumeration TASK_STATE = Enumeration.build()
 *     .name("task_state").help("State of the task.").states("stopped", "running").register();
 * TASK_STATE.state("running");
 * }</pre>
 *
 * <pre>{@code
 * static final Enumeration STATE = Enumeration.build()
 *     .name("state").help("State of a pool.").labelNames("pool").states(Thread.State.class)
 *     .register();
 * STATE.labels("mail").state(Thread.State.WAITING);
 * }</pre>
 *
 * <p>Each state is a sample, 1 for the one state and 0 for the others, also when the process is
 * killed at any moment. The {@link GaugeMode} says what collectors show of several workers.
 */
public final class Enumeration extends MetricFamily {
  private Enumeration(FamilyHome home, FamilyDescriptor descriptor) {
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

  /** Builds enumerations. A child is in the first state until it is given another. One thread. */
  public static final class Builder extends StatesBuilder<Builder, Enumeration> {
    /** A builder. */
    public Builder() {}

    @Override
    Builder self() {
      return this;
    }

    @Override
    Enumeration make(FamilyHome home, FamilyDescriptor descriptor) {
      return new Enumeration(home, descriptor);
    }

    @Override
    Class<Enumeration> familyClass() {
      return Enumeration.class;
    }
  }

  /** The state of one label set. Thread-safe. */
  public static final class Child extends StatesSeries {
    private Child(Enumeration family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos);
    }

    /**
     * Sets the state.
     *
     * @throws IllegalArgumentException if it is none of the states
     */
    public void state(String state) {
      cell.set(index(state));
    }

    /** As {@link #state(String)}, by the name of a constant. */
    public void state(Enum<?> state) {
      state(state.name());
    }

    /** This worker's own state; the first one if it was never set. */
    public String get() {
      return states.get((int) cell.get());
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

  /**
   * Sets the state of the enumeration without labels.
   *
   * @throws IllegalArgumentException if it is none of the states
   */
  public void state(String state) {
    noLabelsChild().state(state);
  }

  /** As {@link #state(String)}, by the name of a constant. */
  public void state(Enum<?> state) {
    noLabelsChild().state(state);
  }

  /** This worker's own state of the enumeration without labels; the first one if never set. */
  public String get() {
    return noLabelsChild().get();
  }
}
