package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.CollectorRegistry;
import java.util.List;

/**
 * What the builders of the metric types share. One thread.
 *
 * @param <B> the builder
 * @param <F> what it builds
 */
abstract class FamilyBuilder<B extends FamilyBuilder<B, F>, F extends MetricFamily> {
  private String namespace = "";
  private String subsystem = "";
  private String unit = "";
  private String help = "";
  private Worker worker;
  String name = "";
  String[] labelNames = {};

  abstract B self();

  abstract F make(FamilyHome home, FamilyDescriptor descriptor);

  abstract FamilyDescriptor descriptor();

  abstract Class<F> familyClass();

  /** Sets the name. Required. */
  public B name(String name) {
    this.name = name;
    return self();
  }

  /** Sets what stands between namespace and name. Optional. */
  public B subsystem(String subsystem) {
    this.subsystem = subsystem;
    return self();
  }

  /** Sets what stands in front of subsystem and name. Optional. */
  public B namespace(String namespace) {
    this.namespace = namespace;
    return self();
  }

  /** Sets the unit, which is appended to the name unless it ends with it. Optional. */
  public B unit(String unit) {
    this.unit = unit;
    return self();
  }

  /** Sets the help text. Required. */
  public B help(String help) {
    this.help = help;
    return self();
  }

  /** Sets the label names. Optional, none by default. */
  public B labelNames(String... labelNames) {
    this.labelNames = labelNames.clone();
    return self();
  }

  /** Sets the worker that records the family. Optional, by default the JVM's default worker. */
  public B worker(Worker worker) {
    this.worker = worker;
    return self();
  }

  /**
   * Makes the family and publishes it in the worker's file, without registering it. A second call
   * for a family of this name and shape in one worker returns the first one.
   *
   * @throws IllegalStateException if name or help are missing
   * @throws IllegalArgumentException if name or label names are invalid
   */
  public F create() {
    FamilyDescriptor checked = descriptor();
    return owner().adopt(this, checked, null);
  }

  /**
   * Makes the family and registers it with the default registry.
   *
   * @throws IllegalStateException if name or help are missing
   * @throws IllegalArgumentException as {@link #register(CollectorRegistry)}
   */
  public F register() {
    return register(CollectorRegistry.defaultRegistry);
  }

  /**
   * Makes the family, registers it and the collector of the worker's directory, and publishes it in
   * the worker's file.
   *
   * @throws IllegalStateException if name or help are missing
   * @throws IllegalArgumentException if name or label names are invalid; if the name is in use in
   *     the registry; if the registry shows another directory. Nothing was published then.
   */
  public F register(CollectorRegistry registry) {
    FamilyDescriptor checked = descriptor();
    return owner().adopt(this, checked, registry);
  }

  /** The worker that records the family, opened if need be. */
  final Worker owner() {
    return worker != null ? worker : Worker.defaultWorker();
  }

  final FamilyDescriptor descriptor(
      MetricType type, GaugeFold fold, boolean liveOnly, List<Double> upperBounds) {
    if (name.isEmpty()) {
      throw new IllegalStateException("Name hasn't been set.");
    }
    String fullName = name;
    if (!subsystem.isEmpty()) {
      fullName = subsystem + '_' + fullName;
    }
    if (!namespace.isEmpty()) {
      fullName = namespace + '_' + fullName;
    }
    if (!unit.isEmpty() && !fullName.endsWith("_" + unit)) {
      fullName += "_" + unit;
    }
    FamilyDescriptor.checkName(fullName);
    if (help == null || help.isEmpty()) {
      throw new IllegalStateException("Help hasn't been set.");
    }
    return new FamilyDescriptor(
        fullName, type, help, unit, List.of(labelNames), fold, liveOnly, upperBounds);
  }

  final void checkNoUnit() {
    if (!unit.isEmpty()) {
      throw new IllegalStateException(typeName() + " metrics cannot have a unit.");
    }
  }

  /** The name of the metric type, as in messages. */
  final String typeName() {
    return getClass().getEnclosingClass().getSimpleName();
  }

  final void checkNotReserved(String labelName) {
    for (String label : labelNames) {
      if (label.equals(labelName)) {
        throw new IllegalStateException(
            typeName() + " cannot have a label named '" + labelName + "'.");
      }
    }
  }
}
