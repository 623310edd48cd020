package io.github.multiprom.exposition.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** How the page looks, in light and dark, wide and narrow. */
final class Style {
  /** In colours whose contrast is enough in both schemes. */
  static final String SHEET =
      """
      :root{color-scheme:light dark;--back:#fff;--text:#1f2328;--line:#d0d7de;--mute:#57606a;\
      --link:#0550ae;--good:#1a7f37;--bad:#b42318}
      @media(prefers-color-scheme:dark){:root{--back:#0d1117;--text:#e6edf3;--line:#3d444d;\
      --mute:#9da7b1;--link:#79c0ff;--good:#3fb950;--bad:#ff9a91}}
      body{font:16px/1.5 system-ui,sans-serif;background:var(--back);color:var(--text);margin:0 auto;\
      max-width:80rem;padding:1rem}
      h1{font-size:1.3rem;overflow-wrap:anywhere}
      h2{font-size:1.1rem;margin:1.8rem 0 .4rem}
      a{color:var(--link)}
      dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.6rem;margin:0}
      dl div{border:1px solid var(--line);border-radius:.4rem;padding:.4rem .6rem}
      dt{color:var(--mute);font-size:.9rem}
      dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
      .table{overflow-x:auto}
      table{border-collapse:collapse;min-width:100%}
      th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);\
      white-space:nowrap}
      tbody th{font-weight:400;white-space:normal;overflow-wrap:anywhere;min-width:7rem;\
      max-width:24rem}
      .n{text-align:right;font-variant-numeric:tabular-nums}
      .wrap{white-space:normal;overflow-wrap:anywhere}
      .good{color:var(--good)}
      .bad{color:var(--bad);font-weight:600}
      .mute{color:var(--mute)}
      """;

  /** What a browser may load for the page: this style. */
  static final String POLICY =
      "default-src 'none'; style-src 'sha256-"
          + sha256(SHEET)
          + "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Style() {}

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
