package io.github.multiprom.exposition.http;

import io.github.multiprom.exposition.format.ExpositionFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Chooses format and encoding from a request's headers, as {@code
 * expfmt.NegotiateIncludingOpenMetrics} of prometheus/common does.
 */
public final class Negotiation {
  private record Clause(String value, Map<String, String> parameters, double quality) {
    boolean isOpenMetrics() {
      return value.equals("application/openmetrics-text")
          && List.of("", "1.0.0", "0.0.1").contains(version());
    }

    boolean isText() {
      return value.equals("text/plain") && List.of("", "0.0.4").contains(version());
    }

    boolean isProtobuf() {
      return value.equals("application/vnd.google.protobuf")
          && "io.prometheus.client.MetricFamily".equals(parameters.get("proto"))
          && "delimited".equals(parameters.get("encoding"));
    }

    private String version() {
      return parameters.getOrDefault("version", "");
    }
  }

  private Negotiation() {}

  /**
   * The format of the first clause, the best quality first, that names one we have; else text.
   * Parameters that change no name of ours, such as {@code escaping}, do not matter.
   */
  public static ExpositionFormat format(String accept) {
    return format(accept, true);
  }

  /** The same among the text formats. */
  public static ExpositionFormat textFormat(String accept) {
    return format(accept, false);
  }

  private static ExpositionFormat format(String accept, boolean protobuf) {
    for (Clause clause : clauses(accept)) {
      if (clause.quality == 0) {
        continue;
      }
      if (clause.isOpenMetrics()) {
        return ExpositionFormat.OPENMETRICS;
      }
      if (clause.isText()) {
        return ExpositionFormat.TEXT;
      }
      if (protobuf && clause.isProtobuf()) {
        return ExpositionFormat.PROTOBUF;
      }
    }
    return ExpositionFormat.TEXT;
  }

  /** Whether gzip is accepted (RFC 9110, 12.5.3). */
  public static boolean isGzipAccepted(String acceptEncoding) {
    double gzip = -1;
    double any = -1;
    for (Clause clause : clauses(acceptEncoding)) {
      if (clause.value.equals("gzip") || clause.value.equals("x-gzip")) {
        gzip = Math.max(gzip, clause.quality);
      } else if (clause.value.equals("*")) {
        any = Math.max(any, clause.quality);
      }
    }
    return gzip >= 0 ? gzip > 0 : any > 0;
  }

  private static List<Clause> clauses(String header) {
    List<Clause> clauses = new ArrayList<>();
    if (header == null) {
      return clauses;
    }
    for (String part : header.split(",", -1)) {
      String[] pieces = part.split(";", -1);
      String value = pieces[0].trim().toLowerCase(Locale.ROOT);
      Map<String, String> parameters = new HashMap<>();
      for (int i = 1; i < pieces.length; i++) {
        int equals = pieces[i].indexOf('=');
        if (equals > 0) {
          parameters.put(
              pieces[i].substring(0, equals).trim().toLowerCase(Locale.ROOT),
              unquoted(pieces[i].substring(equals + 1).trim()));
        }
      }
      if (!value.isEmpty()) {
        clauses.add(new Clause(value, parameters, quality(parameters.get("q"))));
      }
    }
    // Stable: of equal quality the first.
    clauses.sort(Comparator.comparingDouble(Clause::quality).reversed());
    return clauses;
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  private static double quality(String text) {
    if (text == null) {
      return 1;
    }
    try {
      double quality = Double.parseDouble(text);
      return quality >= 0 && quality <= 1 ? quality : 1;
    } catch (NumberFormatException e) {
      return 1;
    }
  }
}
