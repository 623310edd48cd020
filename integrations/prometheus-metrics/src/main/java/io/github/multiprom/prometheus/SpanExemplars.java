package io.github.multiprom.prometheus;

import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.HistogramExemplarSampler;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.function.Supplier;

/**
 * Makes exemplars of the current span, if it is sampled. An exemplar is kept for a while, so that a
 * busy series does not write one per request. Thread-safe.
 *
 * <p>For the modules of this project alone: it is no part of the public API.
 */
public final class SpanExemplars implements CounterExemplarSampler, HistogramExemplarSampler {
  /** As long as prometheus-metrics keeps one by default. */
  private static final long KEPT_MS = 7_000;

  private static final String TRACE_ID = "trace_id";
  private static final String SPAN_ID = "span_id";

  private final Supplier<SpanContext> spans;

  /**
   * Exemplars of a tracer.
   *
   * @param spans gives the tracer; null while there is none
   */
  public SpanExemplars(Supplier<SpanContext> spans) {
    this.spans = spans;
  }

  @Override
  public Exemplar sample(double increment, Exemplar previous) {
    return next(increment, previous);
  }

  @Override
  public Exemplar sample(double value, double from, double to, Exemplar previous) {
    return next(value, previous);
  }

  /** Null to keep the one before. */
  private Exemplar next(double value, Exemplar previous) {
    long now = System.currentTimeMillis();
    if (previous != null && now - previous.getTimestampMs() < KEPT_MS) {
      return null;
    }
    SpanContext span = spans.get();
    if (span == null || !span.isCurrentSpanSampled()) {
      return null;
    }
    String traceId = span.getCurrentTraceId();
    String spanId = span.getCurrentSpanId();
    if (traceId == null || spanId == null) {
      return null;
    }
    span.markCurrentSpanAsExemplar();
    return new Exemplar(value, now, TRACE_ID, traceId, SPAN_ID, spanId);
  }
}
