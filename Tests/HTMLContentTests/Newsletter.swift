/// A newsletter as shops send them: layout tables, a style block, a hidden first line, buttons, remote images.
enum Newsletter {
  static let html = """
    <!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
    <html xmlns="http://www.w3.org/1999/xhtml" xmlns:o="urn:schemas-microsoft-com:office:office"><head>
    <meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>November news</title>
    <!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
    <style type="text/css">
      @import url("https://cdn.example/fonts.css");
      body { margin: 0; padding: 0; }
      p { margin: 0 0 12px 0; line-height: 1.5; }
      .small, td.foot { font-size: 12px; color: #8a94a6; }
      .button { background-color: #0b5fff; border-radius: 6px; }
      @media only screen and (max-width: 480px) { .small { font-size: 14px !important; } .desk { display: none; } }
    </style></head>
    <body bgcolor="#f2f4f7" style="margin:0;font-family:Helvetica,Arial,sans-serif;color:#1f2937;">
    <div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">Chairs from 49 € &#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div>
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f2f4f7"><tr><td align="center"
      style="padding:24px 0;">
    <!--[if mso]><table width="600"><tr><td><![endif]-->
    <table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff"
      style="border:1px solid #dfe3ea;">
      <tr><td style="padding:20px 30px;background:#0b1f44 url('https://cdn.example/bg.png') no-repeat;">
        <a href="https://shop.example/?utm=1"><img src="https://cdn.example/logo.png" width="140" height="40" alt="Nordholz"
          style="display:block;border:0;color:#ffffff;font-size:20px;"></a></td></tr>
      <tr><td><img src="https://cdn.example/hero.jpg" width="600" height="180" alt="Oak chairs by the window"
        style="display:block;background-color:#e6ebf5;"></td></tr>
      <tr><td style="padding:30px;">
        <h1 style="margin:0 0 12px 0;font-size:22px;">Good morning, Ms Lund</h1>
        <p>The <b>autumn collection</b> is here.
           Until Sunday every chair ships <span style="color:#c2410c;">free of charge</span>.</p>
        <ul style="padding-left:18px;"><li>solid oak</li><li>ten years of warranty</li></ul>
        <table width="100%" cellpadding="6" cellspacing="0" style="border-collapse:collapse;margin-bottom:18px;">
          <tr bgcolor="#eef2f9"><th align="left">Chair</th><th align="right">Price</th></tr>
          <tr><td style="border-bottom:1px solid #dfe3ea;">Fjord</td>
            <td align="right" style="border-bottom:1px solid #dfe3ea;">49 €</td></tr>
          <tr><td>Skog</td><td align="right"><s>89 €</s> 69 €</td></tr>
        </table>
        <table role="presentation" cellpadding="0" cellspacing="0"><tr><td class="button" style="padding:12px 28px;">
          <a href="https://shop.example/autumn" style="color:#ffffff;text-decoration:none;font-weight:bold;">To the shop</a>
        </td></tr></table>
      </td></tr>
      <tr><td class="foot" align="center" style="padding:18px 30px;background-color:#f8fafc;">Nordholz AB, Malmö ·
        <a href="https://shop.example/out" style="color:#8a94a6;">unsubscribe</a></td></tr>
    </table>
    <!--[if mso]></td></tr></table><![endif]-->
    </td></tr></table><img src="https://cdn.example/open.gif?id=7" width="1" height="1" alt=""><script>track()</script>
    </body></html>
    """

  static let text = """
    Nordholz (https://shop.example/?utm=1)
    Oak chairs by the window

    Good morning, Ms Lund

    The autumn collection is here. Until Sunday every chair ships free of charge.

    - solid oak
    - ten years of warranty

    Chair  Price
    Fjord  49 €
    Skog  89 € 69 €

    To the shop (https://shop.example/autumn)

    Nordholz AB, Malmö · unsubscribe (https://shop.example/out)
    """
}
