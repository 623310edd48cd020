package io.github.multiprom.metrics;

/** A child of an application's own class, whose value is what its {@code get()} returns. */
final class CallbackSource implements SampledSource {
  private final Sampler sampler;
  private final Series child;

  CallbackSource(Sampler sampler, Series child) {
    this.sampler = sampler;
    this.child = child;
  }

  /** The application's class, by which failures are told. */
  Class<?> childClass() {
    return child.getClass();
  }

  @Override
  public void sample(SampleSink to) {
    if (child.removed) {
      sampler.remove(this);
    } else {
      child.sampleItself();
    }
  }
}
