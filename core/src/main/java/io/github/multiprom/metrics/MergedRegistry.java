package io.github.multiprom.metrics;

import io.prometheus.client.CollectorRegistry;

/** A registry of everything; filled in next. */
public class MergedRegistry extends CollectorRegistry {}
