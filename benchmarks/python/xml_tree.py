# SPDX-License-Identifier: Apache-2.0
"""XML text made, parsed, searched and written again."""

import xml.etree.ElementTree as ElementTree

root = ElementTree.Element("catalogue")
for i in range(800):
    item = ElementTree.SubElement(root, "item", id=str(i), kind="abc"[i % 3])
    ElementTree.SubElement(item, "name").text = "name & <%d>" % i
    ElementTree.SubElement(item, "price").text = "%.2f" % (i / 3)
text = ElementTree.tostring(root, encoding="unicode")
total = 0.0
for _ in range(6):
    parsed = ElementTree.fromstring(text)
    total += sum(float(p.text) for p in parsed.iterfind(".//item[@kind='b']/price"))
    total += len(ElementTree.tostring(parsed))
print("bytes", len(text), "total %.2f" % total)
