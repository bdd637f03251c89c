// Uses the admin API of a Node-RED on loopback, like its editor.
//   node admin.js import PORT FLOWS BROKER-PORT [NAME=VALUE...]   deploys the flows of a file, with another broker
//                                                              and other values in the properties of its tabs
//   node admin.js press PORT ID                                presses the button of an inject node
//   node admin.js page PORT PATH                               prints a page that a flow serves
"use strict";
const fs = require("fs");

async function post(port, path, body, headers = {}) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
    });
    if (!response.ok) {
        throw new Error(`${path}: ${response.status} ${await response.text()}`);
    }
}

function deployed(file, brokerPort, values) {
    const flows = JSON.parse(fs.readFileSync(file, "utf8"));
    const wanted = new Map(values.map((value) => [value.split("=")[0], value.slice(value.indexOf("=") + 1)]));
    for (const node of flows) {
        if (node.type === "mqtt-broker") {
            node.port = brokerPort;
        }
        for (const variable of node.env ?? []) {
            variable.value = wanted.get(variable.name) ?? variable.value;
        }
    }
    return flows;
}

async function main([action, port, ...rest]) {
    if (action === "import") {
        const [file, brokerPort, ...values] = rest;
        await post(port, "/flows", deployed(file, brokerPort, values), { "Node-RED-Deployment-Type": "full" });
    } else if (action === "press") {
        await post(port, `/inject/${rest[0]}`, {});
    } else if (action === "page") {
        const response = await fetch(`http://127.0.0.1:${port}${rest[0]}`);
        const text = await response.text();
        if (!response.ok) {
            throw new Error(`${rest[0]}: ${response.status} ${text}`);
        }
        process.stdout.write(text);
    } else {
        throw new Error(`no such action: ${action}`);
    }
}

main(process.argv.slice(2)).catch((error) => {
    console.error(`${error.message}${error.cause ? `: ${error.cause.message}` : ""}`);
    process.exit(1);
});
