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
  private record Clause(String value, Map<String, String> parameters, double quality) {}

  private Negotiation() {}

  /** The format of the first clause, the best quality first, that names one we have; else text. */
  public static ExpositionFormat format(String accept) {
    for (Clause clause : clauses(accept)) {
      String version = clause.parameters.getOrDefault("version", "");
      if (clause.quality == 0) {
        continue;
      }
      if (clause.value.equals("application/openmetrics-text")
          && (version.isEmpty() || version.equals("1.0.0") || version.equals("0.0.1"))) {
        return ExpositionFormat.OPENMETRICS;
      }
      if (clause.value.equals("text/plain") && (version.isEmpty() || version.equals("0.0.4"))) {
        return ExpositionFormat.TEXT;
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
